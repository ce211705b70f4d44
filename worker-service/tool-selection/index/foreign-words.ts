import { alphabetOf } from './alphabet.ts'

// The words that requests for tools are made of, in German, French, Spanish, Portuguese and Italian. A request in another language than the
// tools' own finds nothing by its words otherwise; what is missing here, embeddings know.
const LATIN = `
file: datei dateien fichier fichiers archivo archivos fichero ficheros arquivo arquivos datensatz
folder: ordner verzeichnis répertoire carpeta carpetas directorio cartella cartelle
document: dokument dokumente documento documentos
read: lesen lire leer ler leggere leggi
write: schreiben schreibe écrire écris escribir escribe escrever scrivere scrivi
create: erstellen erstelle anlegen erzeugen créer crée crear crea criar cria creare
delete: löschen lösche entfernen entferne supprimer supprime effacer eliminar elimina borrar borra apagar excluir cancellare eliminare
search: suchen suche chercher cherche rechercher recherche buscar busca búsqueda procurar pesquisar pesquisa cercare cerca ricerca
find: finden finde trouver trouve encontrar encuentra trovare trova
list: auflisten liste lister listar elencare elenco
show: zeigen zeige anzeigen montrer montre afficher affiche mostrar muestra mostrare mostra
open: öffnen öffne ouvrir ouvre abrir abre aprire apri
close: schließen schließe fermer ferme cerrar cierra fechar fecha chiudere chiudi
move: verschieben verschiebe bewegen déplacer déplace mueve spostare sposta
copy: kopieren kopiere copier copie copiar copia copiare
rename: umbenennen renommer renombrar renomear rinominare
change: ändern ändere cambiar cambia modificar mudar cambiare modificare
update: aktualisieren aktualisiere actualiser actualizar atualizar aggiornare
save: speichern speichere enregistrer enregistre sauvegarder guardar guarda salvar salva salvare
send: senden sende schicken schicke envoyer envoie enviar envía envia inviare invia
download: herunterladen télécharger descargar descarga baixar scaricare scarica
upload: hochladen téléverser subir caricare
add: hinzufügen ajouter ajoute añadir añade agregar agrega adicionar aggiungere aggiungi
connect: verbinden connecter conectar collegare
translate: übersetzen übersetze traduire traduis traducir traduce traduzir traduz tradurre traduci
calculate: berechnen berechne calculer calcule calcular calcula calcolare calcola
sum: summe somme suma soma somma
number: zahl zahlen chiffre número números numero numeri anzahl
text: texte texto testo
image: bild bilder imagen imágenes imagem imagens immagine immagini
photo: foto fotos fotografie
screenshot: bildschirmfoto bildschirm captura schermata
page: seite seiten página páginas pagina
website: webseite site sitio sito
browser: navigateur navegador
click: klicken klicke cliquer clic clicar cliccare
button: knopf bouton botón botão pulsante
form: formular formulaire formulario formulário
message: nachricht nachrichten mensaje mensajes mensagem messaggio messaggi
email: correo courriel
user: benutzer nutzer utilisateur utilisateurs usuario usuarios usuário utente utenti
comment: kommentar kommentare commentaire comentario comentarios comentário commento
database: datenbank banco
table: tabelle tableau tabla tabela tabella
take: nehmen prendre prends tomar prendere
screen: bildschirm écran pantalla tela schermo
weather: wetter météo tiempo clima meteo
news: nachrichten nouvelles actualités noticias notícias notizie
flight: flug flüge vols vuelo vuelos voo voos volo voli
hotel: hôtel albergo
trip: reise viaje viagem viaggio
price: preis preise precio precios preço preços prezzo prezzi
buy: kaufen kaufe acheter comprar compra comprare acquistare
order: bestellen bestellung pedir pedido ordinare ordine
calendar: kalender calendrier calendario calendário
meeting: besprechung réunion reunión reunião riunione
event: ereignis veranstaltung événement evento eventos eventi
task: aufgabe aufgaben tâche tâches tarea tareas tarefa tarefas compito attività
note: notiz notizen nota notas appunti
time: zeit uhrzeit heure hora
date: fecha
map: karte mapa mappa
city: stadt ville ciudad cidade città
address: adresse dirección endereço indirizzo
music: musik musique música musica
song: chanson canción canção canzone
video: vidéo vídeo
book: buch livre libro livro
job: arbeit travail trabajo empleo trabalho lavoro
customer: kunde kunden clienti
invoice: rechnung facture factura fatura fattura
error: fehler erreur erreurs errores erro errore errori
environment: umgebung environnement entorno ambiente
variable: variablen variabel variáveis variabili
new: neue neuen neuer neues nouveau nouvelle nuevo nueva novo nuovo nuova
convert: umwandeln konvertieren convertir converter convertire
column: spalte colonne columna coluna colonna
`

let foreign: ReadonlySet<string> | undefined

/** Every foreign word with one English word that it means. */
export function* foreignWords(): Generator<readonly [word: string, meaning: string]> {
  for (const line of LATIN.trim().split('\n')) {
    const [meaning = '', words = ''] = line.split(': ')
    for (const word of words.split(' ')) yield [word, meaning]
  }
}

// Chinese and Japanese put no space between words, so theirs are looked for in the text.
const UNSPACED = `
file 文件 檔案 ファイル 파일
folder 文件夹 資料夾 フォルダ 폴더
directory 目录 目錄 ディレクトリ 디렉토리
read 读取 讀取 阅读 読む 読み 읽기
write 写入 寫入 写 書く 書き 쓰기
create 创建 新建 建立 創建 作成 作る 생성 만들기
delete 删除 刪除 削除 삭제
search 搜索 搜尋 查找 检索 検索 探す 검색
list 列出 列表 一覧 목록
show 显示 顯示 表示 표시
open 打开 打開 開く 열기
close 关闭 關閉 閉じる 닫기
move 移动 移動 이동
copy 复制 複製 コピー 복사
rename 重命名 改名 이름변경
edit 编辑 編輯 編集 편집
update 更新 업데이트
save 保存 儲存 저장
send 发送 發送 送信 送る 보내기
download 下载 下載 ダウンロード 다운로드
upload 上传 上傳 アップロード 업로드
add 添加 追加 추가
translate 翻译 翻譯 翻訳 번역
calculate 计算 計算 계산
number 数字 數字 数値 숫자
image 图片 图像 圖片 画像 이미지
screenshot 截图 截圖 スクリーンショット 스크린샷
page 页面 網頁 网页 ページ 페이지
website 网站 網站 サイト 사이트
browser 浏览器 瀏覽器 ブラウザ 브라우저
click 点击 點擊 クリック 클릭
form 表单 フォーム
message 消息 訊息 メッセージ 메시지
email 邮件 電子郵件 メール 이메일
user 用户 用戶 ユーザー 사용자
comment 评论 評論 コメント 댓글
database 数据库 資料庫 データベース 데이터베이스
entity 实体 實體 エンティティ
weather 天气 天氣 天気 날씨
temperature 气温 温度 氣溫 기온
news 新闻 新聞 ニュース 뉴스
flight 航班 机票 フライト 항공편
hotel 酒店 旅館 ホテル 호텔
price 价格 價格 価格 가격
stock 股票 株価 주식
calendar 日历 日曆 カレンダー 캘린더
event 事件 活动 イベント 일정
task 任务 任務 タスク 작업
note 笔记 筆記 メモ 메모
time 时间 時間 시간
map 地图 地圖 地図 지도
music 音乐 音樂 音楽 음악
video 视频 影片 動画 동영상
error 错误 錯誤 エラー 오류
`

let unspaced: { meanings: ReadonlyMap<string, string>; words: RegExp } | undefined

/** Whether a word, in lower case, is one of those of other languages that are translated. */
export function isForeign(word: string): boolean {
  foreign ??= new Set(Array.from(foreignWords(), ([one]) => one))
  return foreign.has(word)
}

/** A text with what its Chinese, Japanese and Korean words mean in English set behind each; each translation is noted. */
export function translateUnspaced(text: string, note: (meaning: string, word: string) => void): string {
  if (alphabetOf(text).unspaced?.test(text) !== true) return text
  unspaced ??= readUnspaced()
  const { meanings, words } = unspaced
  return text.replace(words, (word) => {
    const meaning = meanings.get(word) ?? ''
    note(meaning, word)
    return `${word} ${meaning} `
  })
}

function readUnspaced(): NonNullable<typeof unspaced> {
  const meanings = new Map<string, string>()
  for (const line of UNSPACED.trim().split('\n')) {
    const [meaning = '', ...words] = line.split(' ')
    for (const word of words) meanings.set(word, meaning)
  }
  const longestFirst = [...meanings.keys()].toSorted((a, b) => b.length - a.length)
  return { meanings, words: new RegExp(longestFirst.join('|'), 'g') }
}
